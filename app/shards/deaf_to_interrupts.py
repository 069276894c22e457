"""Loaded by each worker process of this machine when it starts: Ctrl-C is for who waits for the result.

A terminal sends it to every process; the one that was asked then ends the others in order.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
