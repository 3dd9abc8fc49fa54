"""Tables out of files: delimited text, workbooks, headers, cells."""
