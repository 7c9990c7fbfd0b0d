"""A leak on purpose in a fenced-in pod, its neighbours, and whoever asks all of them how they are.

Three programs: `leaker`, `neighbour`, `prober`. Standard library only, so that they are small beside what is leaked.
"""
