"""Present mode: one page for a room, without anything to press, of what a shared browser may see."""
