"""Duties of the Education (Pupil Information) (England) Regulations 2005, in their order."""
