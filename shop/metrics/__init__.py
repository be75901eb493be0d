"""What monitoring asks for, in the words of Prometheus: ``/metrics``.

Two sources. What the database knows (sagas, stock, events, processes) is the same on
every host and is read when somebody asks. What only a process knows (how long its pages
took) each web process counts for itself; see folder.py.
"""
