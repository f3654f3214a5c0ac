"""What is wrong with a set-up, why that matters, and the mend. It looks at everything, and writes and sends nothing."""

from dacompliance.doctor.examining import examine
from dacompliance.doctor.model import Finding, Level, exit_code

__all__ = ["Finding", "Level", "examine", "exit_code"]
