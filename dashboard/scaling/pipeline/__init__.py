"""The way a figure takes from the container to the HPA, link by link: which is broken, by whose words, what helps."""
