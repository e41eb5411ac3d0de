"""What is kept: cases, versions, jobs, people and the audit trail, in a database."""
