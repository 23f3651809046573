"""The scenes of the story, in their order."""
