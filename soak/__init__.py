"""Long trials of the whole: they take minutes, have commands of their own, and end with what they counted."""
