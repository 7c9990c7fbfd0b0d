"""What is to be on the cluster: folders of manifests read into bundles. Reads files only."""
