"""Monitor the completion, supervision and referral of domestic-abuse risk assessments."""

__version__ = "0.1.0"
