"""What the collector says about itself, and who follows along."""
