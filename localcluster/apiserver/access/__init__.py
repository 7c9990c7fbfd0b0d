"""Access control: who asks, what for, and whether they may. Must not store or change what it judges."""
