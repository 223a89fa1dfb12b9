"""What of prompts and answers may be kept."""
