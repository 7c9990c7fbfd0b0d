"""The app under load: a guestbook on Flask and MongoDB, and the replica-set agent that runs beside each mongod.

Nothing is imported here, because the agent must start without Flask and the key file's copier without pymongo.
"""
