"""What nbgrader knows for every user of this machine. install.sh copies this file to /etc/jupyter/."""

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.course_id = "tinytorch"
c.Exchange.root = "/usr/local/share/nbgrader/exchange"
