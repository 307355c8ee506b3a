"""Labs out of solutions. Needs the extra ``grading``; nothing else in the course does."""
