"""From bytes to rows: packages, workbooks, text tables, and the files that rows name."""
