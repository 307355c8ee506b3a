"""What a learner moves: controls bound to a view (``explorer``), the cluster stage (``stage``), a trace that plays (``playback``)."""
