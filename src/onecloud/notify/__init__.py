"""What the server tells people: letters by mail and to chat services, queued with the change they tell of."""
