"""
Env servers and trainings on a Ray cluster, `pip install "gymwire[ray]"`: the command `gymwire-ray`. See docs/ray.md.

Cluster, scheduler, autoscaler and Tune are Ray's. Here is what it is told, and the processes that it does not know of.
"""
