"""The made-up kabupaten itself: land, places, people and the true values."""
