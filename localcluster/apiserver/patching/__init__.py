"""Changing objects: the four patches and who owns which field. Pure; knows neither storage nor HTTP."""
