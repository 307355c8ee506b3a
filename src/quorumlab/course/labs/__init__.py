"""What a student's machine needs of each lab beside its data: how functions of the lab are called, what is wrong with an answer where
many are right, and what is handed out to be examined. Nothing here is an answer."""
