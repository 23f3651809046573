"""Who hears: endpoints and mailboxes, attached, tried, asked and receipted."""
