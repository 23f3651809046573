"""The SEND Code of Practice of January 2015, a file a chapter or part of one, each in the order of its paragraphs."""
