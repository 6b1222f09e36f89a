import pytest

from app.credentials import Credential, CredentialUnavailable
from app.mounted_credentials import MountedCredentials
from tests.conftest import write_credential


def test_reads_a_mounted_folder(credential_folder):
    write_credential(credential_folder, "tmp_1", "p@ss'word")
    (credential_folder / "ttl_in_minutes").write_text("60\n")
    assert MountedCredentials(credential_folder).fetch() == Credential("tmp_1", "p@ss'word", 3600)


def test_reads_all_files_of_the_same_issue(credential_folder):
    """As the kubelet does it: files link to `..data`, and that link is swapped in one go."""
    issue = credential_folder / "..issue1"
    issue.mkdir()
    write_credential(issue, "new", "new-password")
    (credential_folder / "..data").symlink_to("..issue1")
    write_credential(credential_folder, "old", "old-password")
    assert MountedCredentials(credential_folder).fetch().user == "new"


@pytest.mark.parametrize("files", [{}, {"user": "tmp_1"}, {"user": "tmp_1", "password": ""}])
def test_half_a_credential_is_none(credential_folder, files):
    for name, content in files.items():
        (credential_folder / name).write_text(content)
    with pytest.raises(CredentialUnavailable, match="no database credential"):
        MountedCredentials(credential_folder).fetch()


def test_a_folder_that_is_not_there_holds_none(tmp_path):
    with pytest.raises(CredentialUnavailable):
        MountedCredentials(tmp_path / "nowhere").fetch()


def test_a_password_is_not_shown():
    assert "secret" not in repr(Credential("tmp_1", "secret"))
