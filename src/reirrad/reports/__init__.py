"""JSON, HTML, PDF and figures made from an assessment; they compute nothing."""
