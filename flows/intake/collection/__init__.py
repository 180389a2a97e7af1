"""Files and messages that arrive by themselves: the drop folder and the mailbox."""
