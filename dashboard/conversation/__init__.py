"""What went in and came out of each part of a run, put in the order in which one reads it. Draws nothing."""
