"""What etcd does with a lease over an outage; it agrees with the run that ships with the course."""

import pytest

from quorumlab.etcd.leases import lease_over_outage
from quorumlab.etcd.recordings import recorded

pytestmark = pytest.mark.etcd


def test_etcd_gives_a_lease_its_full_time_again_after_an_outage():
    answers = lease_over_outage()
    assert answers == {
        "the lock is still Ada's": True,
        "time left on its lease": "all of it",
        "Bob can take it now": False,
    }
    assert answers == recorded("lease_over_outage").answers
