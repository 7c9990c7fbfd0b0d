"""The guestbook over HTTP: the only importer of Flask. It decides answers; `sampleapp.database` does the storing."""
