"""The replica-set agent: one beside each mongod, which turns three empty mongod into one set with its accounts.

It changes the set only by MongoDB's own commands, never restarts mongod, and imports nothing of the web process.
"""
