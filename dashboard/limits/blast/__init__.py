"""The blast radius: a leak on purpose in a fenced-in pod, and who is hit by it. Guarded like load."""
