"""A document set out as an outline, drawn as a page, a PDF or plain text."""
