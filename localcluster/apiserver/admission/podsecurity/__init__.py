"""Pod Security Admission: the Pod Security Standards `baseline` and `restricted`, chosen by labels of a namespace."""
