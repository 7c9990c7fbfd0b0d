"""The page of the story. Must not tell anything itself."""
