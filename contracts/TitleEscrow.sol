// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.22;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {ITitleEscrow, ITokenRegistry} from "./Interfaces.sol";

/// @title The escrow of one title: it owns the token, and knows who owns the goods and who holds the paper.
/// @notice The beneficiary has the right to the goods, the holder possession of the title. The beneficiary nominates a
/// successor, the holder endorses it; the holder hands possession over alone. Who has just received a role may give it back
/// until acting otherwise. One who has both roles may return the title to its issuer. The issuer cannot move a title that is
/// held here: only restore or take out one that came back, or pause them all.
/// @dev One minimal proxy a title. Layout: 0 registry, 1 token id, 2 beneficiary, 3 holder, 4 and 5 the ones before, 6 nominee
/// and (byte 20) active, 7 remark. Checks come in one order: paused, taken out, caller, returned, remark, the move itself.
contract TitleEscrow is Initializable, ITitleEscrow {
    address public registry;
    uint256 public tokenId;
    address public beneficiary;
    address public holder;
    /// @notice To whom a role goes back when its transfer is rejected; zero once that right is gone.
    address public prevBeneficiary;
    address public prevHolder;
    address public nominee;
    /// @notice False once the title was taken out of circulation, for good.
    bool public active;
    /// @notice The remark of the latest move.
    bytes public remark;

    uint256 private constant REMARK_LIMIT = 120;
    bytes4 private constant TITLE_ESCROW_ID = 0x3e143f7b;

    event TokenReceived(
        address indexed beneficiary,
        address indexed holder,
        bool indexed isMinting,
        address registry,
        uint256 tokenId,
        bytes remark
    );
    event Nomination(
        address indexed prevNominee, address indexed nominee, address registry, uint256 tokenId, bytes remark
    );
    event BeneficiaryTransfer(
        address indexed fromBeneficiary,
        address indexed toBeneficiary,
        address registry,
        uint256 tokenId,
        bytes remark
    );
    event HolderTransfer(
        address indexed fromHolder, address indexed toHolder, address registry, uint256 tokenId, bytes remark
    );
    event RejectTransferBeneficiary(
        address indexed fromBeneficiary,
        address indexed toBeneficiary,
        address registry,
        uint256 tokenId,
        bytes remark
    );
    event RejectTransferHolder(
        address indexed fromHolder, address indexed toHolder, address registry, uint256 tokenId, bytes remark
    );
    event RejectTransferOwners(
        address indexed fromBeneficiary,
        address indexed toBeneficiary,
        address indexed fromHolder,
        address toHolder,
        address registry,
        uint256 tokenId,
        bytes remark
    );
    event ReturnToIssuer(address indexed caller, address registry, uint256 tokenId, bytes remark);
    event Shred(address registry, uint256 tokenId, bytes remark);

    error CallerNotBeneficiary();
    error CallerNotHolder();
    error DualRoleRejectionRequired();
    error EmptyReceivingData();
    error InactiveTitleEscrow();
    error InvalidNominee();
    error InvalidRegistry(address registry);
    error InvalidTokenId(uint256 tokenId);
    error InvalidTokenTransferToZeroAddressOwners(address beneficiary, address holder);
    error InvalidTransferToZeroAddress();
    error NomineeAlreadyNominated();
    error RecipientAlreadyHolder();
    error RegistryContractPaused();
    error RemarkLengthExceeded();
    error TargetNomineeAlreadyBeneficiary();
    error TitleEscrowNotHoldingToken();
    error TokenNotReturnedToIssuer();

    /// @dev The implementation itself is nobody's escrow: set up here, it cannot be set up again.
    constructor() initializer {}

    /// @notice Called by the factory, in the transaction that makes the proxy.
    function initialize(address registry_, uint256 tokenId_) external initializer {
        registry = registry_;
        tokenId = tokenId_;
        active = true;
    }

    /// @notice The beneficiary names who shall succeed, or nobody (zero).
    function nominate(address nominee_, bytes calldata remark_) external {
        _requireOpen();
        _requireBeneficiary();
        _requireHeld();
        _takeRemark(remark_);
        if (nominee_ == beneficiary) revert TargetNomineeAlreadyBeneficiary();
        if (nominee_ == nominee) revert NomineeAlreadyNominated();
        if (beneficiary == holder) prevHolder = address(0);
        prevBeneficiary = address(0);
        _setNominee(nominee_, remark_);
    }

    /// @notice The holder endorses the title to the nominee; to anybody, where the holder is the beneficiary too.
    function transferBeneficiary(address nominee_, bytes calldata remark_) public {
        _requireHolderMayMove();
        _takeRemark(remark_);
        if (nominee_ == address(0)) revert InvalidTransferToZeroAddress();
        if (nominee_ != nominee && beneficiary != holder) revert InvalidNominee();
        prevHolder = address(0);
        prevBeneficiary = beneficiary;
        _setBeneficiary(nominee_, remark_);
    }

    /// @notice The holder hands possession over.
    function transferHolder(address newHolder, bytes calldata remark_) public {
        _requireHolderMayMove();
        _takeRemark(remark_);
        if (newHolder == address(0)) revert InvalidTransferToZeroAddress();
        if (newHolder == holder) revert RecipientAlreadyHolder();
        if (beneficiary == holder) prevBeneficiary = address(0);
        prevHolder = holder;
        _setHolder(newHolder, remark_);
    }

    /// @notice The holder does both, first the one, then the other.
    function transferOwners(address nominee_, address newHolder, bytes calldata remark_) external {
        transferBeneficiary(nominee_, remark_);
        transferHolder(newHolder, remark_);
    }

    /// @notice A new beneficiary, who is not the holder, gives the right back.
    function rejectTransferBeneficiary(bytes calldata remark_) external {
        _requireOpen();
        _requireBeneficiary();
        _requireHeld();
        _takeRemark(remark_);
        (address from, address to) = (beneficiary, prevBeneficiary);
        _requireOneRoleToGiveBack(to);
        prevBeneficiary = address(0);
        _setBeneficiary(to, remark_);
        emit RejectTransferBeneficiary(from, to, registry, tokenId, remark_);
    }

    /// @notice A new holder, who is not the beneficiary, gives possession back.
    function rejectTransferHolder(bytes calldata remark_) external {
        _requireHolderMayMove();
        _takeRemark(remark_);
        (address from, address to) = (holder, prevHolder);
        _requireOneRoleToGiveBack(to);
        prevHolder = address(0);
        _setHolder(to, remark_);
        emit RejectTransferHolder(from, to, registry, tokenId, remark_);
    }

    /// @notice One who received both roles gives both back.
    function rejectTransferOwners(bytes calldata remark_) external {
        _requireOpen();
        _requireHeld();
        _requireBeneficiary();
        _requireHolder();
        _takeRemark(remark_);
        (address toBeneficiary, address toHolder) = (prevBeneficiary, prevHolder);
        if (toBeneficiary == address(0) || toHolder == address(0)) revert InvalidTransferToZeroAddress();
        (prevBeneficiary, prevHolder) = (address(0), address(0));
        _setBeneficiary(toBeneficiary, remark_);
        _setHolder(toHolder, remark_);
        emit RejectTransferOwners(
            msg.sender, toBeneficiary, msg.sender, toHolder, registry, tokenId, remark_
        );
    }

    /// @notice One who has both roles surrenders the title. Both stay recorded, in case that the issuer restores it.
    function returnToIssuer(bytes calldata remark_) external {
        _requireOpen();
        _requireBeneficiary();
        _requireHolder();
        _requireHeld();
        _takeRemark(remark_);
        (prevBeneficiary, prevHolder) = (address(0), address(0));
        _setNominee(address(0), "");
        ITokenRegistry(registry).transferFrom(address(this), registry, tokenId, "");
        emit ReturnToIssuer(msg.sender, registry, tokenId, remark_);
    }

    /// @notice The registry takes a returned title out of circulation, for good.
    function shred(bytes calldata remark_) external {
        _requireOpen();
        _takeRemark(remark_);
        if (isHoldingToken()) revert TokenNotReturnedToIssuer();
        if (msg.sender != registry) revert InvalidRegistry(msg.sender);
        active = false;
        _setBeneficiary(address(0), "");
        _setHolder(address(0), "");
        emit Shred(registry, tokenId, remark_);
    }

    /// @notice The registry hands the token in: when minting with (beneficiary, holder, remark), when restoring with a remark.
    function onERC721Received(address, address, uint256 tokenId_, bytes calldata data) external returns (bytes4) {
        _requireOpen();
        if (tokenId_ != tokenId) revert InvalidTokenId(tokenId_);
        if (msg.sender != registry) revert InvalidRegistry(msg.sender);
        bool isMinting = beneficiary == address(0) || holder == address(0);
        if (isMinting) {
            _open(data);
        } else {
            remark = data;
        }
        emit TokenReceived(beneficiary, holder, isMinting, registry, tokenId, remark);
        return this.onERC721Received.selector;
    }

    /// @notice Whether the title is held here; if not, it was returned or taken out.
    function isHoldingToken() public view returns (bool) {
        return ITokenRegistry(registry).ownerOf(tokenId) == address(this);
    }

    /// @notice ERC-165, for the title escrow's own id alone.
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == TITLE_ESCROW_ID;
    }

    function _open(bytes calldata data) private {
        if (data.length == 0) revert EmptyReceivingData();
        (address beneficiary_, address holder_, bytes memory remark_) = abi.decode(data, (address, address, bytes));
        if (beneficiary_ == address(0) || holder_ == address(0)) {
            revert InvalidTokenTransferToZeroAddressOwners(beneficiary_, holder_);
        }
        remark = remark_;
        _setBeneficiary(beneficiary_, "");
        _setHolder(holder_, "");
    }

    /// @dev An endorsement clears the nominee; readers of the log know it by this remark, which is the two letters.
    function _setBeneficiary(address next, bytes memory remark_) private {
        emit BeneficiaryTransfer(beneficiary, next, registry, tokenId, remark_);
        if (nominee != address(0)) _setNominee(address(0), "0x");
        beneficiary = next;
    }

    function _setHolder(address next, bytes memory remark_) private {
        emit HolderTransfer(holder, next, registry, tokenId, remark_);
        holder = next;
    }

    function _setNominee(address next, bytes memory remark_) private {
        emit Nomination(nominee, next, registry, tokenId, remark_);
        nominee = next;
    }

    function _takeRemark(bytes calldata remark_) private {
        if (remark_.length > REMARK_LIMIT) revert RemarkLengthExceeded();
        remark = remark_;
    }

    function _requireHolderMayMove() private view {
        _requireOpen();
        _requireHolder();
        _requireHeld();
    }

    function _requireOpen() private view {
        if (ITokenRegistry(registry).paused()) revert RegistryContractPaused();
        if (!active) revert InactiveTitleEscrow();
    }

    function _requireBeneficiary() private view {
        if (msg.sender != beneficiary) revert CallerNotBeneficiary();
    }

    function _requireHolder() private view {
        if (msg.sender != holder) revert CallerNotHolder();
    }

    function _requireHeld() private view {
        if (!isHoldingToken()) revert TitleEscrowNotHoldingToken();
    }

    function _requireOneRoleToGiveBack(address to) private view {
        if (to == address(0)) revert InvalidTransferToZeroAddress();
        if (beneficiary == holder) revert DualRoleRejectionRequired();
    }
}
