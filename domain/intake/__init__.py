"""Reading what organisations send: columns, cells, dates, encodings, what is complete, what is corrected."""
