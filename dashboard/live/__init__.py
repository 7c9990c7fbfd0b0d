"""From the store to the browsers: batches, mailboxes and the websocket. It decides nothing about what rows contain."""
