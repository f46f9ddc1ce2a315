"""What is wrong or weak with a gateway's set-up, and what to do about each."""

from ecluse.edge.doctor.certificates import certificate_remarks
from ecluse.edge.doctor.counting import counting_remarks
from ecluse.edge.doctor.examine import examine
from ecluse.edge.doctor.keeping import vault_remarks
from ecluse.edge.doctor.remark import Grade, Remark

__all__ = ["Grade", "Remark", "certificate_remarks", "counting_remarks", "examine", "vault_remarks"]
