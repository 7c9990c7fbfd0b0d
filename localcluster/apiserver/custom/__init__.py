"""CustomResourceDefinitions: judging them, and serving what they define beside the kinds of the table."""
