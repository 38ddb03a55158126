"""JSON of any make, an object a post; what its fields mean says the field map."""

from pipeline.channels._base import Adapter
from pipeline.channels._rows import row

ADAPTER = Adapter(of_object=row)
