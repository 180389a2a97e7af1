"""Commands about nominations: files, single applications, corrections, the mailbox and the drop folder."""
