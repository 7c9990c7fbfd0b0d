"""What bounds a namespace and its containers, who met a bound, and what a bound is good for."""
