"""What makes notebooks a course: predictions, quick checks, exercises and their checks, claims, progress, the environment check."""
