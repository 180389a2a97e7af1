"""What organisations send, and how it comes in: files, packages, a drop folder, a mailbox."""
