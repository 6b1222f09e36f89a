import json

import pytest

from app.credentials import Credential, CredentialMissing, read_credential
from tests.conftest import write_credential


def test_reads_a_mounted_folder(credential_folder):
    write_credential(credential_folder, "tmp_1", "p@ss'word")
    (credential_folder / "ttl_in_minutes").write_text("60\n")
    assert read_credential(credential_folder) == Credential("tmp_1", "p@ss'word", 60)


def test_reads_a_json_file(tmp_path):
    file = tmp_path / "credential.json"
    file.write_text(json.dumps({"user": "tmp_1", "password": "secret", "ttl_in_minutes": "60"}))
    assert read_credential(file) == Credential("tmp_1", "secret", 60)


def test_reads_all_files_of_the_same_issue(credential_folder):
    """As the kubelet does it: files link to `..data`, and that link is swapped in one go."""
    issue = credential_folder / "..issue1"
    issue.mkdir()
    write_credential(issue, "new", "new-password")
    (credential_folder / "..data").symlink_to("..issue1")
    write_credential(credential_folder, "old", "old-password")
    assert read_credential(credential_folder).user == "new"


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"user": "tmp_1"}'])
def test_half_a_credential_is_none(tmp_path, content):
    file = tmp_path / "credential.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CredentialMissing):
        read_credential(file)


def test_a_password_is_not_shown():
    assert "secret" not in repr(Credential("tmp_1", "secret"))
