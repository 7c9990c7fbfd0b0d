"""What happened, kept in a file: past the hour that Events live and the restart of the dashboard."""
